package main

var storing = []fault{}
