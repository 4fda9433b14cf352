package main

var hostile = []fault{}
